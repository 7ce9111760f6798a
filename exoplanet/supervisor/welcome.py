"""What an operator reads once everything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from exoplanet.supervisor.roles import ALL, Role

if TYPE_CHECKING:
    from collections.abc import Collection

_PAGES = """
  page    {url}/
  API     {url}/api/v1/docs
  admin   {url}/admin/   (for an operator made by `.venv/bin/python manage.py createsuperuser`)
  try     curl -F model_type=random_forest -F data_source=nasa -F dataset_name=kepler \
{url}/api/custom/train
"""


def welcome(roles: Collection[Role], url: str) -> str:
    """Return what runs, and where one reaches it."""
    running = "Exoplanet Playground is running."
    if frozenset(roles) != ALL:
        parts = " and ".join(_in_words(role) for role in Role if role in roles)
        running = f'Host "{settings.EXOPLANET_HOST_NAME}" of Exoplanet Playground runs {parts}.'
    pages = _PAGES.format(url=url) if Role.WEB in roles else ""
    return f"\n{running}\n{pages}\nCtrl-C stops everything."


def _in_words(role: Role) -> str:
    if role is Role.WORKERS:
        return f"workers for {settings.EXOPLANET_WORKERS} sessions at a time"
    return {Role.WEB: "the web server", Role.REAPER: "the reaper"}[role]
