"""What every request and every answer goes through, whatever page is asked for: put on by `web.install`."""
