"""What was found of domains when they were looked at last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0004_fleet")]
    operations = [
        migrations.CreateModel(
            name="DomainCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_uuid", models.UUIDField()),
                ("domain", models.CharField(max_length=253)),
                ("checked_at", models.DateTimeField()),
                ("checked_by", models.CharField(max_length=150)),
                ("ipv4", models.JSONField(blank=True, default=list)),
                ("ipv6", models.JSONField(blank=True, default=list)),
                ("is_owned", models.BooleanField()),
                ("is_reached_over_ipv6", models.BooleanField()),
            ],
            options={
                "verbose_name": "域名检查",
                "verbose_name_plural": "域名检查",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_uuid", "domain"), name="provisioning_domain_check_newest"),
                ],
            },
        ),
    ]
