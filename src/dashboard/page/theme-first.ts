import { chosenTheme, show } from './theme.ts';

// Before the first paint, so that a chosen theme does not come as a flash.
show(chosenTheme());
