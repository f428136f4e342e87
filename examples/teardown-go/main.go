// Things that others make while the stack lives, and that must go with it: recorded by `pulumi up`, deleted by
// `pulumi destroy`. What stands in `DependsOn` is deleted after them.
package main

import (
	"github.com/OWNER/pulumi-huaweicloud-batch/sdk/go/huaweicloudbatch/workspaceapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		var ids []string
		config.New(ctx, "").RequireObject("imageServerIds", &ids)
		imageServers, err := workspaceapp.NewImageServerBatchDeletion(ctx, "image-servers",
			&workspaceapp.ImageServerBatchDeletionArgs{
				ImageServerIds:  pulumi.ToStringArray(ids),
				Recursive:       pulumi.Bool(true), // their server groups and app groups too
				When:            pulumi.String("destroy"),
				Timeout:         pulumi.String("2h"),
				AllowedFailures: pulumi.Int(0),
			})
		if err != nil {
			return err
		}
		ctx.Export("stillThere", imageServers.Remaining)
		return nil
	})
}
