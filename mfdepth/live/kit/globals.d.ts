// What other scripts of a page may have put there.
declare var Plotly: any;
declare var MathJax: any;
/** The one loading of plotly.js: of the figures that Python drew (with_plotly.js) and of a page's own (live.js). */
declare var mfdepthPlotly: Promise<any> | undefined;
/** What the address last said of the settings of the page's figures (settings.js). */
declare var mfdepthSettings: string | undefined;
/** Puts the buttons under a Plotly figure (take_home.js). */
declare var mfdepthTakeHome: (
  div: any,
  given: { name: string; data: any; layout: any; paper: any; alone: string },
) => void;
