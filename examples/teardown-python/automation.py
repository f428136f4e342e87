"""The same by the Automation API, with no other file than the CLI needed:

    python automation.py up ID ...
    python automation.py destroy
"""

import json
import sys

from pulumi import automation
from teardown import teardown

command, *ids = sys.argv[1:]
stack = automation.create_or_select_stack("dev", project_name="teardown", program=teardown)
if command == "up":
    stack.set_config("imageServerIds", automation.ConfigValue(json.dumps(ids)))
    up = stack.up(on_output=print)
    print("still there:", up.outputs["stillThere"].value)
elif command == "destroy":
    stack.destroy(on_output=print)
else:
    sys.exit(f"up or destroy, not {command}")
