"""Scenarios of a deployment: an environment of helmfile.yaml, and the values on top of it."""

from typing import Any

# What production requires, and no environment can have by default.
IDENTITY = {"issuer": "https://login.example/realms/clinic", "audience": "superbill"}
OUTSIDE = {
    "host": "pooler.example.com",
    "migrationHost": "db.example.com",
    "port": 6432,
    "name": "bills",
    "caSecret": {"name": "db-authority", "key": "root.crt"},
    "server": {"secret": "db-api", "usernameKey": "user", "passwordKey": "pass"},
    "owner": {"secret": "db-owner", "usernameKey": "user", "passwordKey": "pass"},
    "maxConnections": 400,
}
ELSEWHERE: dict[str, Any] = {
    "postgres": {"enabled": False},
    "superbill": {**IDENTITY, "database": OUTSIDE},
}
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
PLACED = {
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "clinic", "operator": "Exists"}],
    "priorityClassName": "clinic",
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "imagePullSecrets": [{"name": "registry"}],
    "image": {"digest": DIGEST},
}

STORE = {
    "enabled": True,
    "path": "dumps/clinic",
    "settings": {"type": "s3", "provider": "Rclone", "endpoint": "https://s3.example"},
    "secret": "my-store",
}

SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "default": ("default", {}),
    "kind": ("kind", {}),
    "production": ("production", {"superbill": IDENTITY}),
    "production, Postgres elsewhere": ("production", ELSEWHERE),
    "production, in the open": (
        "production",
        {
            "superbill": {
                **IDENTITY,
                "ingress": {"enabled": True, "host": "bills.example.com", "tlsSecret": "bills-tls"},
            }
        },
    ),
    "monitored": (
        "production",
        {
            "postgres": {
                "cloudNativePG": {"podMonitor": True, "pooler": {"image": "pgbouncer:1"}},
                "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
            },
            "superbill": {
                **IDENTITY,
                "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
                "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
                "dashboard": {"enabled": True},
            },
        },
    ),
    "gateway": (
        "default",
        {
            "ingressNginx": {"enabled": False},
            "superbill": {
                "ingress": {"enabled": False},
                "httpRoute": {
                    "enabled": True,
                    "parentRefs": [{"name": "web", "namespace": "gateways"}],
                    "hostnames": ["bills.example.com"],
                },
            },
        },
    ),
    "tokens of a file": (
        "kind",
        {
            "superbill": {
                **IDENTITY,
                "jwks": {"configMap": "keys"},
                "developmentIdentity": False,
                "tests": {"token": {"secret": "my-token"}},
            }
        },
    ),
    "scaled": ("default", {"superbill": {"autoscaling": {"enabled": True}}}),
    "small": (
        "default",
        {
            "postgres": {"backup": {"enabled": False}, "networkPolicy": {"enabled": False}},
            "superbill": {
                "replicas": 1,
                "samples": {"enabled": False},
                "tests": {"billAVisit": False},
                "networkPolicy": {"enabled": False},
            },
        },
    ),
    "copied": (
        "kind",
        {
            "postgres": {
                "backup": {
                    "objectStore": {
                        **STORE,
                        "keep": 30,
                        "caSecret": {"name": "my-authority"},
                        "networkPolicy": {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
                    }
                }
            }
        },
    ),
    "own secrets": (
        "default",
        {
            "postgres": {
                "existingSecrets": {
                    "owner": "my-owner",
                    "server": "my-server",
                    "superuser": "my-superuser",
                    "tls": "my-certificate",
                }
            }
        },
    ),
    "other class": (
        "default",
        {
            "ingressNginx": {"enabled": False},
            "superbill": {
                "ingress": {
                    "className": "traefik",
                    "host": "bills.example.com",
                    "annotations": {"a": "b"},
                }
            },
        },
    ),
    "placed": (
        "kind",
        {
            "postgres": {
                **PLACED,
                "storage": {"className": "fast"},
                "backup": {"storage": {"className": "slow"}},
            },
            "superbill": {
                **PLACED,
                "podLabels": {"team": "billing"},
                "podAnnotations": {"example.com/scrape": "no"},
                "service": {"annotations": {"a": "b"}},
                "networkPolicy": {
                    "from": [{"namespaceSelector": {"matchLabels": {"name": "ingress-nginx"}}}]
                },
            },
        },
    ),
}
