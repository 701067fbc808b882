#!/usr/bin/env bash
# Builds everything and runs every test, from a fresh clone. The last line says how many passed, failed and were skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly configuration=Debug # the same as 'dotnet run', so that running afterwards builds nothing again
readonly results=TestResults
readonly report="$results/tests.xml"
test_group=

export CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build servers would outlive this script.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false UseRazorBuildServer=false
# Most processes of a test run live for seconds: measuring how to compile them better costs a fifth of the processor and never pays.
export DOTNET_TieredPGO=0

say() { printf '\n== %s\n' "$*"; }

stop_tests() {
  if [[ -n "$test_group" ]]; then
    kill -TERM -- "-$test_group" 2>/dev/null || true
    # Two seconds to end by themselves.
    for _ in {1..40}; do
      kill -0 -- "-$test_group" 2>/dev/null || break
      read -rt 0.05 <> <(:) || true
    done
    kill -KILL -- "-$test_group" 2>/dev/null || true
    test_group=
  fi
}
trap stop_tests EXIT
trap 'exit 130' INT TERM

finish() { # passed failed skipped
  printf '%s passed, %s failed, %s skipped\n' "$1" "$2" "$3"
}

# Addresses of package sources are the machine's own business.
without_addresses() { sed -E 's#https?://[^ "'"'"'<>]+#(address left out)#g'; }

install_missing() {
  local -a packages=()
  command -v git >/dev/null || packages+=(git)
  command -v bwrap >/dev/null || packages+=(bubblewrap)
  # The tests start servers of their own; the one that the package starts is not used.
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
  # Only its promtool is used.
  command -v promtool >/dev/null || packages+=(prometheus)
  if [[ ${#packages[@]} -eq 0 ]]; then
    return
  fi
  local -a as_root=()
  if [[ $EUID -ne 0 ]]; then
    if ! sudo -n true 2>/dev/null; then
      echo "Missing: ${packages[*]}. Install them to run the tests that need them."
      return
    fi
    as_root=(sudo -n)
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${packages[*]}. Install them with your package manager."
    return
  fi
  say "Installing ${packages[*]} with apt"
  "${as_root[@]}" apt-get update -qq 2>&1 | without_addresses || true
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null 2>&1; then
    echo "apt could not install ${packages[*]}; the tests that need them are skipped."
  fi
}

step() { # heading command...
  say "$1"
  shift
  if ! "$@" 2>&1 | without_addresses; then
    echo "This step failed, so no test ran."
    finish 0 1 0
    exit 1
  fi
}

run_tests() {
  say "Testing"
  rm -rf "$results"
  mkdir -p "$results"
  set -m # a process group of its own, so that whatever a test leaves behind can be ended
  dotnet exec "Tests/bin/$configuration/net10.0/Maestro.Tests.dll" -noLogo -noColor -result-xml "$report" "$@" &
  test_group=$!
  set +m
  local code=0
  wait "$test_group" || code=$?
  stop_tests
  return "$code"
}

# The sum of one attribute over the report's <assembly> elements.
total() { # attribute
  grep -oE '<assembly [^>]*>' "$report" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

list_skipped() {
  local skipped
  skipped=$(awk '
    BEGIN { RS = "<test " }
    /result="Skip"/ {
      name = $0; sub(/^.* name="|^name="/, "", name); sub(/".*/, "", name)
      reason = $0; sub(/.*<reason>/, "", reason); sub(/<\/reason>.*/, "", reason)
      gsub(/<!\[CDATA\[|\]\]>/, "", reason); gsub(/[\r\n]+/, " ", reason)
      print "  " name ": " reason
    }' "$report" | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g')
  if [[ -n "$skipped" ]]; then
    say "Skipped"
    printf '%s\n' "$skipped"
  fi
}

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is missing. Install it, then run this again."
  finish 0 1 0
  exit 1
fi

install_missing
step "Restoring" dotnet restore Orleans.sln --locked-mode --verbosity quiet
step "Building" dotnet build Orleans.sln --configuration "$configuration" --no-restore --verbosity quiet -nodeReuse:false
step "Checking white space" dotnet format whitespace Orleans.sln --no-restore --verify-no-changes --verbosity quiet

code=0
run_tests "$@" || code=$?
if [[ ! -s "$report" ]]; then
  echo "The test runner left no report."
  finish 0 1 0
  exit 1
fi

passed=$(total passed)
failed=$(($(total failed) + $(total errors)))
skipped=$(total skipped)
list_skipped
if [[ $((passed + failed)) -eq 0 ]]; then
  echo "No test ran."
  code=1
elif [[ $code -ne 0 && $failed -eq 0 ]]; then
  echo "The test runner ended with $code."
  failed=1
fi
echo
finish "$passed" "$failed" "$skipped"
[[ $failed -eq 0 && $code -eq 0 ]]
