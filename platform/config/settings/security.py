"""Cookies, headers, passwords and what a browser may load."""

from config import env

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^-/(live|ready)$"]  # probes come from inside, over http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.trusts_forwarded_proto() else None
FORMS_PER_MINUTE = env.forms_per_minute()
FORMS_PER_HOUR = env.forms_per_hour()
FORMS_PER_PHONE = env.forms_per_phone()
FORM_LEAST_SECONDS = env.form_least_seconds()
X_FRAME_OPTIONS = "SAMEORIGIN"  # the editor's preview is a frame of its own host

SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60  # unused for so long, it ends
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# The registry knows every host; what it does not know gets 404. Django's own list would have to repeat it.
ALLOWED_HOSTS = ["*"]

AUTHENTICATION_BACKENDS = ["accounts.backends.PersonBackend", "accounts.backends.ShadowBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

PUBLIC_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=()"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page editor sends many
