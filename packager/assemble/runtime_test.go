package assemble

import (
	"slices"
	"strings"
	"testing"
)

// closure reads "name: dependency dependency"; a name in the middle of "*" is direct, one that ends in "+" has extras.
func closure(text string) []Node {
	var nodes []Node
	for line := range strings.Lines(text) {
		name, needs, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "" {
			continue
		}
		n := Node{DependsOn: strings.Fields(needs)}
		n.Name, n.Direct = strings.CutPrefix(name, "*")
		n.Name, n.Extras = strings.CutSuffix(n.Name, "+")
		nodes = append(nodes, n)
	}
	return nodes
}

const boto3 = `
	*boto3: botocore jmespath s3transfer
	botocore: jmespath python-dateutil urllib3
	jmespath:
	python-dateutil: six
	s3transfer: botocore
	six:
	urllib3:
`

func TestExcludeRuntime(t *testing.T) {
	tests := map[string]struct{ closure, want string }{
		"nothing of it":        {"*requests: urllib3\nurllib3:", ""},
		"all":                  {boto3, "boto3 botocore jmespath python-dateutil s3transfer six urllib3"},
		"needed by another":    {boto3 + "*requests: urllib3\n*pandas: Python_Dateutil numpy\nnumpy:", "boto3 botocore jmespath s3transfer"},
		"asked for by name":    {strings.Replace(boto3, "six:", "*six:", 1), "boto3 botocore jmespath python-dateutil s3transfer urllib3"},
		"needs the SDK":        {boto3 + "*aws-lambda-powertools: boto3 jmespath", "boto3 botocore python-dateutil s3transfer six urllib3"},
		"an old one's own":     {strings.Replace(boto3, "jmespath python-dateutil", "jmespath docutils python-dateutil", 1) + "docutils: roman\nroman:", "boto3 botocore jmespath python-dateutil s3transfer six urllib3 docutils roman"},
		"an extra's":           {strings.Replace(boto3, "botocore: ", "botocore+: awscrt ", 1) + "awscrt:", "boto3 botocore jmespath python-dateutil s3transfer six urllib3"},
		"asked for and orphan": {strings.Replace(boto3, "jmespath python-dateutil", "jmespath docutils python-dateutil", 1) + "*docutils:", "boto3 botocore jmespath python-dateutil s3transfer six urllib3"},
		"nobody's":             {"*a: b\nb: a\nc: d\nd: c\n*Boto3:", "Boto3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, want := ExcludeRuntime(closure(test.closure)), strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("left out are %q, want %q", got, want)
			}
		})
	}
}
