"""How each site stands with each statutory entry, beside the sums."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogues", "0002_first_editions")]
    operations = [
        migrations.AddField(
            model_name="standing",
            name="rows",
            field=models.JSONField(
                blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name="法定主动公开内容逐项"
            ),
        ),
    ]
