"""What can be done with merge queues."""
