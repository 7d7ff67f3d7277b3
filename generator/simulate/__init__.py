"""What a receiver does with the records, worked out offline."""
