#!/bin/sh
echo {{colour}} {{ size }}
