from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("login/", views.login),
    path("notes/", views.notes),
    path("notes/<slug:note_id>/", views.note),
    path("upload/", views.upload),
    path("slow/<int:milliseconds>/", views.slow),
    path("stream/<int:pieces>/", views.stream),
    path("static/<path:path>", views.static),
]
