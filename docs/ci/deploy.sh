#!/bin/sh
# Deploys what changed since the last deploy to a stage: STAGE=prod docs/ci/deploy.sh
# The checkout may be as shallow as the CI makes it. docs/deploying.md tells more.
set -eu
monoplan deploy --stage "$STAGE"
