"""Pure functions from values to markup."""
