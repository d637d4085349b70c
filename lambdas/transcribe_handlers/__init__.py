"""The Lambda handlers of cdk-transcribe: the standard library and boto3, nothing else.

At deploy time `custom_resource` brings vocabularies and filters to the state that the template asks for. At
run time `job_starter` turns arriving media into jobs, `job_recorder` writes down how they ended, `job_reconciler` asks
about those whose end nobody announced, and `job_announcer` tells the world.
"""
