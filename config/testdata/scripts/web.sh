#!/bin/sh
echo "{{greeting}}" > /tmp/page
python3 -m http.server {{port}}
