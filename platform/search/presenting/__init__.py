"""From an answer to what page, feed and API show: labels, addresses, pages; plain values only."""
