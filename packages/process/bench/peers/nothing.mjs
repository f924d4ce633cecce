// A child that does nothing.
