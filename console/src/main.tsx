// SPDX-License-Identifier: AGPL-3.0-or-later
import { render } from "preact";

render(<p>Ringback</p>, document.getElementById("page")!);
