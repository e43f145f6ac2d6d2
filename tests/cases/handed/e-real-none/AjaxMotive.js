var AjaxMotive = {motiveMultiSiteSubmit: function (then) { dwr.call("/eAppointments14/dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr", then); }};
