"""The organisation's own sign-in service: where it is, and under what name it knows an account of ours.

The service says who somebody is (OpenID Connect); what they may do here stays with their account.
"""
