"""Pictures of results, objects and missions, each as a Vega-Lite specification with its data.

The API serves a plot, the page draws it, and the report and the downloads are drawn from the same
specification on the server.
"""
