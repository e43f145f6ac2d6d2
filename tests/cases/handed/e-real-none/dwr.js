//#DWR-REPLY
dwr.engine.remote.handleCallback({"foundAvailabilities": false, "msg": "Aucun rendez-vous n'est possible pour les motifs selectionnnés ou le créneau horaire séléctionné."});
