"""What changed in the steps, and what makes a release riskier."""
