"""What the blueprints share: HTTP, without a noun of its own."""
