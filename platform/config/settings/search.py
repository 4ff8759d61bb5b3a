"""The one index behind every site's search."""

from config import env

ELASTICSEARCH_URL = env.elasticsearch_url()
ELASTICSEARCH_PREFIX = env.elasticsearch_prefix()
ELASTICSEARCH_SHARDS = env.elasticsearch_shards()
ELASTICSEARCH_REPLICAS = env.elasticsearch_replicas()
ELASTICSEARCH_TIMEOUT_SECONDS = 1.0  # then PostgreSQL answers, in what is left of a reader's two seconds
SEARCH_SEMANTIC = env.search_semantic()
SEARCH_SEMANTIC_FOLDER = env.search_semantic_folder()
SEARCH_SEMANTIC_SECONDS = 0.1  # then a question is answered by its words alone
SEARCH_REQUESTS_PER_MINUTE = env.search_requests_per_minute()
SEARCH_LABELLED_QUERIES = env.search_labelled_queries()
SEARCH_EXTERNAL_HOSTS = env.search_external_hosts()
