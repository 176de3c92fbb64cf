"""HTTP code that the blueprints share."""
