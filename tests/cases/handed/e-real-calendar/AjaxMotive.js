var AjaxMotive = {motiveMultiSiteSubmit: function (then) { dwr.call("/eAppointments15/dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr", then); }};
