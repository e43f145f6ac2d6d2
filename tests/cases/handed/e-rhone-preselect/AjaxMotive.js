var AjaxMotive = {motiveMultiSiteSubmit: function (then) { dwr.call("/eAppointment/dwr/call/plaincall/AjaxMotive.motiveMultiSiteSubmit.dwr", then); }};
