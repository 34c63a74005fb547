"""The Assistants API client: `requests` and plain Python, no Django.

    from assistants_app.api.client import connect

    client = connect(endpoint="openai", dialect="v2", base_url="http://127.0.0.1:8001/v1", key="local")
    run = client.threads.runs.get("thread_1", "run_1")

Layers, imports go down only: client > resources > transport > pages > dialects | endpoints > objects |
errors. `wire` (sockets that keep a deadline) and `headers` (what answers say beside their body) serve
transport alone.
"""
