"""The pages on which readings are looked over: moderation, queries, settling, unlocking and the morning briefing."""
