"""What tests share: a loop with virtual time, a check for tasks left behind."""
