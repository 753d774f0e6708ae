#!/bin/sh
# Times "plan --stage" with fifty different baselines beside "changed" with one, in a repository of 2,000 services and
# 100,000 files: bench/stage.sh [runs]. And what a deploy costs for each service besides the tools' own time.
set -eu
runs=${1:-11}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here"
CGO_ENABLED=0 go build -o "$work/monoplan" ./cmd/monoplan
go build -o "$work/generate" ./bench/generate
"$work/generate" -files 100000 -services 2000 -changes 100 -baselines 50 "$work/large"
cd "$work/large"

# Each of the fifty releases deployed forty services.
"$work/monoplan" services --format json | sed -n 's/^      "name": "\(.*\)",$/\1/p' > "$work/names"
i=1
while [ $i -le 50 ]; do
	awk "NR % 50 == $i % 50" "$work/names" | paste -sd, > "$work/some"
	"$work/monoplan" ledger set --stage bench --service "$(cat "$work/some")" --commit "$(git rev-parse "base-$i")" --why bench > "$work/set"
	i=$((i + 1))
done

# milliseconds COMMAND... gives the median of some runs, after one that fills the cache.
milliseconds() {
	"$@" > "$work/out"
	n=0
	while [ $n -lt "$runs" ]; do
		from=$(date +%s%N)
		"$@" > "$work/out"
		echo $((($(date +%s%N) - from) / 10000))
		n=$((n + 1))
	done | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] / 100 }'
}
one=$(milliseconds "$work/monoplan" changed --since base-1 --format json)
middle=$(milliseconds "$work/monoplan" changed --since base-25 --format json)
oldest=$(milliseconds "$work/monoplan" changed --since base-50 --format json)
fifty=$(milliseconds "$work/monoplan" plan --stage bench --format json)
echo "changed, one baseline, the latest:   $one ms"
echo "changed, one baseline, the 25th:     $middle ms"
echo "changed, one baseline, the oldest:   $oldest ms"
echo "plan --stage, fifty baselines:       $fifty ms"
awk "BEGIN { printf \"ratio to the latest %.2f, in the middle %.2f, to the oldest %.2f\\n\", $fifty / $one, $fifty / $middle, $fifty / $oldest }"

# A hundred services whose tool does nothing, in one phase, one at a time.
mkdir "$work/small"
cd "$work/small"
git init -q -b main
{
	echo "package: false"
	echo "services:"
	i=1
	while [ $i -le 100 ]; do
		mkdir "s$i"
		echo x > "s$i/file"
		echo "  - {path: s$i, deploy: {command: [\"true\"]}}"
		i=$((i + 1))
	done
} > seed.yml
git add -A
git -c user.name=bench -c user.email=bench@example.com commit -q -m bench
deploy=$(milliseconds "$work/monoplan" deploy --stage bench --force --local-ledger --concurrency 1)
awk "BEGIN { printf \"deploy of 100 services by true(1):   $deploy ms, %.1f ms a service\\n\", $deploy / 100 }"
