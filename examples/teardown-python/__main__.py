"""The program of `pulumi up`."""

from teardown import teardown

teardown()
