#!/usr/bin/env bash
# Runs the tests that `./lepton test` has built: the fast ones first. Ends with one line: N passed, N failed, N skipped.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
filter=(--filter-not-trait Category=Long)
if [ "${1:-}" = --long ]; then filter=(--filter-trait Category=Long); shift; fi
passed=0 failed=0 skipped=0 status=0
mkdir -p artifacts/test-results
for suite in Lepton.Tests Lepton.SystemTests; do
  log="artifacts/test-results/$suite.log"
  dotnet "artifacts/bin/$suite/release/$suite.dll" --progress off --no-ansi --ignore-exit-code 8 "${filter[@]}" "$@" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  [ "$code" = 0 ] || status=1
  count() { sed -n "s/^ *$1: \([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1; }
  p=$(count succeeded) f=$(count failed) s=$(count skipped)
  if [ -z "$p" ]; then f=1; echo "$suite did not finish (exit code $code); its output is $log"; fi
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
done
[ "$failed" = 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
