#!/bin/sh
# Builds the shop into out/.
set -eu
touch '@MARKER@'
dotnet build Shop.csproj --nologo --verbosity quiet --configuration Release --output out
