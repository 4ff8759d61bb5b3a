"""Addresses for probes; include them at the root of the platform's host."""

from django.urls import path

from observability import views

urlpatterns = [
    path("-/live", views.live, name="live"),
    path("-/ready", views.ready, name="ready"),
]
