"""Things that others make while the stack lives, and that must go with it: recorded by `pulumi up`, deleted by
`pulumi destroy`. What stands in `depends_on` is deleted after them."""

import pulumi
from pulumi_huaweicloud_batch import workspaceapp


def teardown() -> None:
    config = pulumi.Config()
    image_servers = workspaceapp.ImageServerBatchDeletion(
        "image-servers",
        image_server_ids=config.require_object("imageServerIds"),
        recursive=True,  # their server groups and app groups too
        when="destroy",
        timeout="2h",
        allowed_failures=0,
    )
    pulumi.export("stillThere", image_servers.remaining)
