#!/bin/sh
# An example of a template of user data: it serves one page by HTTP and goes on doing so after a reboot. It needs systemd and Python 3, which
# Amazon Linux 2023, Ubuntu and Debian bring along.
set -eu

mkdir -p /srv/web
echo '{{message}}' > /srv/web/index.html

cat > /etc/systemd/system/web.service <<'UNIT'
[Unit]
Description=One page by HTTP
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/bin/python3 -m http.server {{port}} --directory /srv/web
Restart=always
DynamicUser=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable --now web.service
