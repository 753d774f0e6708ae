#!/bin/sh
# Makes one plan, and deploys its services by jobs of their own: fan-out.sh plan, then in each job fan-out.sh deploy posts.
set -eu
case "$1" in
plan)
	monoplan plan --stage "$STAGE" --fetch --out plan.json --format names
	;;
deploy)
	monoplan deploy --plan plan.json --only "$2"
	;;
esac
