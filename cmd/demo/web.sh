#!/bin/sh
# Answers every request at the port with one line of text, and goes on doing so after a restart of the machine.
mkdir -p /srv/web
echo "{{message}} from $(hostname)" > /srv/web/index.html
cat > /etc/systemd/system/web.service <<'UNIT'
[Service]
ExecStart=/usr/bin/python3 -m http.server {{port}} --directory /srv/web
DynamicUser=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now web.service
