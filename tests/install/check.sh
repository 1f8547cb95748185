#!/usr/bin/env bash
# Builds the programs beside this file against Podium and runs them:
#   check.sh package|subdirectory static|shared SOURCE WORK
# package: Podium is built in WORK, installed, its build folder deleted and the installation moved before anybody uses
# it. subdirectory: Podium is a part of the program's own build. WORK is deleted at the end.
set -euo pipefail
way=$1 kind=$2 source=$3 work=$4
[ "$kind" = shared ] && shared=ON || shared=OFF
jobs=$("$source/tools/jobs")
rm -rf "$work" "$work-user"
trap 'rm -rf "$work" "$work-user"' EXIT
export LD_LIBRARY_PATH=''

configure() {  # SOURCE BUILD [OPTION ...]; the options of a release build, so that ccache has most of it already
  local from=$1 to=$2
  shift 2
  cmake -S "$from" -B "$to" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DBUILD_SHARED_LIBS=$shared" "$@" > /dev/null
}
need() {  # MESSAGE COMMAND ...
  local message=$1
  shift
  "$@" || { echo "install: $message" >&2; exit 1; }
}
not() { ! "$@"; }
compile_alone() {  # FOLDER: every header below it, by nothing but what is there
  (cd "$1" && find podium -name '*.h' -print0 |
    xargs -0 -n 1 -P "$jobs" sh -c 'echo "#include <$1>" | "${CXX:-g++}" -std=c++20 -I. -fsyntax-only -xc++ -' header)
}
uses_arrow() { [[ $(ldd "$1") == *libarrow* ]]; }  # no pipe: grep -q would break it, and with pipefail fail

user=$work-user
mkdir -p "$user"
if [ "$way" = package ]; then
  configure "$source" "$work" -DPODIUM_BUILD_TESTS=OFF -DPODIUM_BUILD_BENCH=OFF
  cmake --build "$work" --parallel "$jobs" > /dev/null
  cmake --install "$work" --prefix "$user/first place" > /dev/null
  rm -rf "$work"
  mv "$user/first place" "$user/second place"
  need "an installed CMake file names a library by its path on this machine" \
    not grep -rnE '["; ]/[a-z]' "$user/second place/lib/cmake"
  need "an installed header includes Arrow, protobuf or JSON" \
    not grep -rlE '#include <(arrow|parquet|google|nlohmann)/|[.]pb[.]h' "$user/second place/include"
  if [ "$kind" = static ]; then  # the headers are the same ones; once is enough
    need "an installed header does not compile alone" compile_alone "$user/second place/include"
  fi
  if [ -e "$user/second place/bin/podium" ]; then
    need "the installed binary does not run" "$user/second place/bin/podium" --help > /dev/null
  fi
  configure "$source/tests/install" "$user/build" "-DCMAKE_PREFIX_PATH=$user/second place"
  build=$user/build
else
  launcher=$(command -v ccache || true)
  configure "$source/tests/install" "$work" "-DPODIUM_SOURCE=$source" "-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher" \
    -DPODIUM_WERROR=ON -DPODIUM_BUILD_CLI=OFF
  build=$work
fi
cmake --build "$build" --parallel "$jobs" > /dev/null
program() { find "$build" -maxdepth 2 -type f -name "$1" -perm -u+x | head -n 1; }
need "score failed" "$(program score)"
need "score links Arrow" not uses_arrow "$(program score)"
need "everything failed" "$(program everything)" "$user"
need "everything should link Arrow, or this test proves nothing" uses_arrow "$(program everything)"
echo "install: $way, $kind: works"
