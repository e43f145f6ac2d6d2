//#DWR-REPLY
dwr.engine.remote.handleCallback({"foundAvailabilities": true, "msg": ""});
