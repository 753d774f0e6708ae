"""The stacks: each function with a minimal layer of its own, and beside them two that share one layer."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

ARTIFACTS = Path(__file__).parent / ".monoplan" / "artifacts"
FUNCTIONS = ("orders", "reports")


class Functions(cdk.Stack):
    def __init__(self, scope, name, *, shared):
        super().__init__(scope, name)
        if shared:
            common = self.layer("common")
        for function in FUNCTIONS:
            lambda_.Function(
                self,
                function,
                runtime=lambda_.Runtime.PYTHON_3_11,
                handler="handler.handle",
                code=lambda_.Code.from_asset(str(ARTIFACTS / f"{function}.zip")),
                layers=[common if shared else self.layer(function)],
            )

    def layer(self, name):
        return lambda_.LayerVersion(
            self,
            f"{name}-layer",
            code=lambda_.Code.from_asset(str(ARTIFACTS / "layers" / f"{name}.zip")),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_11],
        )


app = cdk.App()
Functions(app, "shared", shared=True)
Functions(app, "minimal", shared=False)
app.synth()
