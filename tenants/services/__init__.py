"""What people come to get done: service guides with their required elements, and the column that leads to them."""
