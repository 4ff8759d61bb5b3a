"""Addresses: `platform_urlpatterns` for the platform's host, `editor_urlpatterns` before Wagtail's on editors' hosts."""

from django.urls import path

from memberships import views

platform_urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("sites/", views.sites, name="sites"),
    path("sites/<slug:slug>/enter/", views.enter_site, name="enter_site"),
]

editor_urlpatterns = [
    path("enter/", views.enter, name="enter"),
    path("admin/login/", views.enter, name="admin_login"),  # Wagtail's own form would be another way in
    path("admin/logout/", views.leave, name="leave"),
]
