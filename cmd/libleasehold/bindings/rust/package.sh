#!/bin/sh
# Makes the crate, which loads the C library where the program says; see
# .ci/release/bindings.
set -eu
command -v cargo >/dev/null || { echo "skipped: no cargo here for the crate"; exit; }
CARGO_TARGET_DIR=$PWD/target cargo package --quiet --no-verify --allow-dirty
mv "target/package/leasehold-$VERSION.crate" "$1/"
