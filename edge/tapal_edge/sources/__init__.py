"""Where frames come from: streams, files, devices, folders of images."""
