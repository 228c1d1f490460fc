"""The duty console: NiceGUI pages on the server's services."""
