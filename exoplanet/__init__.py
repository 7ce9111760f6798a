"""The Django project: settings, addresses, and the supervisor that runs everything."""
